"""tensorboardX, which appends to an event file from a thread of its own."""

import glob

from tensorboardX import SummaryWriter

import common


def records(directory):
    """Counts the records of the event files: length, its checksum, data, the data's checksum."""
    count = 0
    for path in glob.glob(f"{directory}/events.*"):
        with open(path, "rb") as file:
            while header := file.read(12):
                file.seek(int.from_bytes(header[:8], "little") + 4, 1)
                count += 1
    # The first record of a file is its version.
    return count - 1


def log(directory, count):
    """The cost of one call."""
    writer = SummaryWriter(directory)
    figures = common.call_costs(lambda step: writer.add_scalar("loss", 1 / (1 + step), step), count)
    writer.close()
    return figures | {"rows": records(directory)}


if __name__ == "__main__":
    common.main({"log": log})
