"""The part of the performance record that Python's sqlite3 does.

benches/record.rs starts this script and tells it in lines on stdin what to do; each line
is answered by one on stdout. Times are taken in here, so neither the start of the
interpreter nor the pipe is part of them.

The settings and the statements come as arguments: they are those of the other programs.

    connect NAME PATH   a connection, kept under a name       answers ok
    synchronous NAME WORD                                     answers ok
    settings NAME       what its settings are                 answers them
    closed PATH         the file that is opened and closed    answers ok
    time CASE CALLS     does a case so many times             answers nanoseconds
    lock                takes the write lock and lets it go   answers the time of the day
                        in nanoseconds when it had it
"""

import platform
import sqlite3
import sys
import time

SETTINGS, ASKED, READ, ALL, INSERT = sys.argv[1:]

connections = {}
closed = None


def connect(path):
    # Transactions are begun and ended below, not by the module.
    conn = sqlite3.connect(path, timeout=5.0, isolation_level=None, cached_statements=128)
    conn.execute("PRAGMA journal_mode = wal").fetchone()
    conn.executescript(SETTINGS)
    return conn


def read(conn, sku):
    return conn.execute(READ, (sku % 1000 + 1,)).fetchone()[0]


def timed(begun):
    return time.perf_counter_ns() - begun


def open_only(calls):
    spent = 0
    for _ in range(calls):
        begun = time.perf_counter_ns()
        conn = connect(closed)
        spent += timed(begun)
        conn.close()
    return spent


def session(calls):
    begun = time.perf_counter_ns()
    for n in range(calls):
        conn = connect(closed)
        read(conn, n)
        conn.execute("PRAGMA optimize")
        conn.close()
    return timed(begun)


def query(calls):
    conn = connections["normal"]
    begun = time.perf_counter_ns()
    for n in range(calls):
        read(conn, n)
    return timed(begun)


def rows(calls):
    conn = connections["normal"]
    begun = time.perf_counter_ns()
    for _ in range(calls):
        found = conn.execute(ALL).fetchall()
        assert len(found) == 10_000
    return timed(begun)


def write(calls, name="normal"):
    conn = connections[name]
    begun = time.perf_counter_ns()
    for sku in range(calls):
        conn.execute("BEGIN IMMEDIATE")
        conn.execute(INSERT, (sku, 1))
        conn.execute("COMMIT")
    return timed(begun)


def write_full(calls):
    return write(calls, "full")


def batch(calls):
    conn = connections["normal"]
    begun = time.perf_counter_ns()
    for _ in range(calls):
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(INSERT, ((sku, 1) for sku in range(1000)))
        conn.execute("COMMIT")
    return timed(begun)


CASES = {
    "open": open_only,
    "session": session,
    "query": query,
    "query-autocommit": query,
    "rows": rows,
    "write": write,
    "write-full": write_full,
    "batch": batch,
}


def do_connect(rest):
    name, path = rest.split(" ", 1)
    connections[name] = connect(path)
    return "ok"


def do_synchronous(rest):
    name, word = rest.split(" ")
    connections[name].execute(f"PRAGMA synchronous = {word}")
    return "ok"


def do_settings(name):
    asked = (connections[name].execute(f"PRAGMA {word}") for word in ASKED.split())
    return " ".join(str(row.fetchone()[0]) for row in asked)


def do_closed(path):
    global closed
    closed = path
    return "ok"


def do_time(rest):
    case, calls = rest.split(" ")
    return CASES[case](int(calls))


def do_lock(_rest):
    conn = connections["lock"]
    conn.execute("BEGIN IMMEDIATE")
    had = time.time_ns()
    conn.execute("COMMIT")
    return had


COMMANDS = {
    "connect": do_connect,
    "synchronous": do_synchronous,
    "settings": do_settings,
    "closed": do_closed,
    "time": do_time,
    "lock": do_lock,
}

print(platform.python_version(), sqlite3.sqlite_version, flush=True)
for line in sys.stdin:
    command, _, rest = line.rstrip("\n").partition(" ")
    print(COMMANDS[command](rest), flush=True)
