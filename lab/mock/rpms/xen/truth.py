"""The ground truth of migrations: one JSON object a line, times in seconds of CLOCK_REALTIME.

No act has a moment that its doer could know exactly: NAME is stamped just before it and NAME_done just after, and it
took effect somewhere between. From the two lines of a migration, the source's and the destination's:
- total: from `started`, xl's first statement, to `finished`, its word that the migration was successful.
- pause: from `suspended`, the guest's processes stopped, to `unpaused`, they go on.
- network: from `link_down`, when frames stop to pass between the guest and the bridge, to `announced`, when the guest's
  gratuitous ARP has left. That `link_up` lets frames pass again does not help earlier: the bridges on the way learn from
  the announcement where the guest now is, and send its frames to the old place until then.
- heartbeat: from `suspended` to `unpaused`. It goes to a host that did not move, so it passes from `link_up` on, which
  comes before `unpaused`, and needs no announcement.
"""
import json
import os
import time

import store

FILE = store.path('/var/lib/mock-xen/truth.jsonl')


def stamp():
    return round(time.time(), 6)


def act(fields, name, work):
    fields[name] = stamp()
    work()
    fields[f'{name}_done'] = stamp()


def record(fields):
    os.makedirs(os.path.dirname(FILE), exist_ok=True)
    fd = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.write(fd, (json.dumps(fields) + '\n').encode())
    os.close(fd)
