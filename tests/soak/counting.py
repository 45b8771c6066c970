"""Compares what one side sent with what the other one has, id by id.

Nothing here looks at a counter of anybody: the lists come from the databases
of our engines, and from the log and the archive of the client that is not ours.
"""

import sqlite3
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Count:
    sent: int = 0
    received: int = 0
    lost: list = field(default_factory=list)
    duplicated: list = field(default_factory=list)
    out_of_order: list = field(default_factory=list)
    unreadable: list = field(default_factory=list)

    def is_clean(self):
        return not (self.lost or self.duplicated or self.out_of_order or self.unreadable)


def rows(history, address, direction):
    """Returns (id, text, delivery) of a chat, in the order the window shows."""
    connection = sqlite3.connect(f"file:{history}?mode=ro", uri=True, timeout=30)
    try:
        return connection.execute(
            """
            SELECT CASE WHEN m.origin_id <> '' THEN m.origin_id ELSE m.stanza_id END, m.body, m.delivery
            FROM messages m JOIN conversations c ON c.id = m.conversation_id
            WHERE c.address = ? AND m.direction = ?
            ORDER BY m.time, m.place
            """, (address, direction)).fetchall()
    finally:
        connection.close()


def sent_rows(history, address):
    return rows(history, address, 1)


def received_rows(history, address):
    return rows(history, address, 0)


def compare(sent, received, known=None):
    """Compares two lists of (id, text), each in its side's order.

    `known` may hold ids that the sender gave away without having to keep
    them: they may arrive, once, or not.
    """
    count = Count(sent=len(sent), received=len(received))
    text = dict(sent)
    arrived = Counter(one for one, _ in received)
    count.lost = [f"{text[one]} ({one})" for one in text if one not in arrived]
    count.duplicated = [f"{one}: {times} times" for one, times in arrived.items() if times > 1]
    count.duplicated += [f"{one}: twice with the sender" for one, times in Counter(i for i, _ in sent).items()
                         if times > 1]
    count.unreadable = [f"{text[one]} ({one})" for one, body in received if one in text and body != text[one]]
    # The same text under an id which its sender does not know is a second one.
    known = set(text) | set(known or ())
    count.duplicated += [f"{body} ({one}): unknown to its sender" for one, body in received if one not in known]
    order = {one: place for place, (one, _) in enumerate(sent)}
    places = [(order[one], one) for one, _ in received if one in order]
    furthest = -1
    for place, one in places:
        if place < furthest:
            count.out_of_order.append(f"{text[one]} ({one}) after {sent[furthest][1]}")
        furthest = max(furthest, place)
    return count
