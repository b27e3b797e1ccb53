"""What the Python peers share: clocks, percentiles, and one JSON object of figures as output."""

import json
import sqlite3
import sys
import time
from contextlib import closing


def seconds(body):
    """Returns how long a call takes."""
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def median(times):
    """Returns the middle one."""
    return sorted(times)[len(times) // 2]


def call_costs(log, count):
    """Returns p50 and p99, in microseconds, of a log call; a little work follows each."""
    costs = []
    for step in range(count):
        start = time.perf_counter_ns()
        log(step)
        end = time.perf_counter_ns()
        costs.append((end - start) / 1000)
        while time.perf_counter_ns() < start + 10_000:
            pass
    costs.sort()
    return {"p50": costs[count // 2], "p99": costs[count * 99 // 100]}


def number(path, query):
    """Returns the number that a query finds in a peer's own database."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchone()[0]


def accuracy(number):
    """The accuracy of a run in the case of search; the library and the C program have the same."""
    return number * 7919 % 100_000 / 100_000


def optimizer(number):
    """The optimizer of a run in the case of search."""
    return ("adam", "sgd", "rmsprop")[number % 3]


def main(cases):
    """Runs `PROGRAM CASE DIRECTORY [NUMBER...]` and prints the figures of the case."""
    case, directory, *numbers = sys.argv[1:]
    figures = cases[case](directory, *map(int, numbers))
    print(json.dumps(figures), file=sys.__stdout__)
