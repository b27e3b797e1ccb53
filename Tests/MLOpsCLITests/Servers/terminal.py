"""Runs a program in a terminal of 80 columns and 24 lines.

Usage: terminal.py UNTIL PROGRAM ARGUMENT...

Once it has written UNTIL, Ctrl-C is pressed; an empty text presses nothing. Prints as JSON what the
program has written, its exit status, and whether it left the terminal as it was.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

until, command = sys.argv[1].encode(), sys.argv[2:]
parent, child = pty.openpty()
fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
before = termios.tcgetattr(child)
process = os.fork()
if process == 0:
    os.setsid()
    fcntl.ioctl(child, termios.TIOCSCTTY, 0)
    for number in range(3):
        os.dup2(child, number)
    os.execv(command[0], command)

output, is_pressed, status = b"", False, None
deadline = time.monotonic() + 120
while True:
    while select.select([parent], [], [], 0.05)[0]:
        output += os.read(parent, 65536)
    if status is not None:
        break
    if until and not is_pressed and until in output:
        os.write(parent, b"\x03")
        is_pressed = True
    if time.monotonic() > deadline:
        os.kill(process, 9)
    ended, code = os.waitpid(process, os.WNOHANG)
    if ended:
        status = os.waitstatus_to_exitcode(code)
print(
    json.dumps(
        {
            "output": output.decode("utf-8", "replace"),
            "status": status,
            "restored": termios.tcgetattr(child) == before,
        }
    )
)
