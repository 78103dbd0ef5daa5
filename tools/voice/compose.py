"""Sentences put together from clips, as `tablebell say` does it."""

import argparse
import re
import shlex
from pathlib import Path

import numpy as np
import soundfile

from clips import inventory
from english import AREAS
from kokoro import RATE
from mandarin import AREAS as NAMES

LETTER, CLAUSE, CHIME, NUMBER = 40, 150, 120, 10  # milliseconds
AREA_IDS = {text: id for id, (text, _) in NAMES.items()}


def composed(folder, language, command):
    parts = sentence(language, command)
    return np.concatenate([_part(folder, language, part) for part in parts])


def _part(folder, language, part):
    if isinstance(part, int):
        return np.zeros(part * RATE // 1000)
    name = part if part.startswith("chime/") else f"{language}/{part}"
    return soundfile.read(folder / f"{name}.ogg")[0]


def sentence(language, command):
    options = argparse.ArgumentParser()
    options.add_argument("what")
    options.add_argument("about", nargs="?")
    options.add_argument("--amount", type=float)
    options.add_argument("--by")
    options.add_argument("--waited", type=int)
    o = options.parse_args(shlex.split(command))
    return (_zh if language == "zh" else _en)(o)


def _clauses(*clauses):
    parts = []
    for clause in clauses:
        parts += [CLAUSE, *clause] if parts else clause
    return parts


def _joined(ids):
    parts = []
    for id in ids:
        parts += [NUMBER, id] if parts else [id]
    return parts


def _label(label):
    return re.fullmatch(r"([A-Z]*)([^0-9A-Z]*)([0-9]*)", label).groups()


def _zh(o):
    match o.what:
        case "order" | "paid" | "reminder" | "payment":
            table = _zh_table(o.about)
            said = {"payment": "say.payment_problem", "order": "say.new_order", "reminder": "say.urge"}.get(o.what)
            paid = [f"say.{o.by}", LETTER, *_zh_amount(o.amount)] if o.amount is not None else None
            if o.what == "order" and paid:
                clauses = [["say.new_order_short"], paid]
            elif o.what == "paid":
                clauses = [paid]
            elif o.waited:
                clauses = [["say.urge_short"], ["say.waited", NUMBER, _zh_wait(o.waited)], ["say.hurry"]]
            else:
                clauses = [[said]]
            chime = {"order": "order", "paid": "money", "reminder": "reminder", "payment": "fault"}[o.what]
            return [f"chime/{chime}", CHIME, *_clauses(table, *clauses)]
        case "backlog":
            n = int(o.about)
            if n <= 20:
                return ["chime/order", CHIME, f"count.{n}"]
            ones = [f"digit.{n % 10}"] if n % 10 else []
            return ["chime/order", CHIME, *_joined(["say.you_have", f"tens.{n - n % 10}", *ones, "say.ge_new"])]
        case "urges":
            return ["chime/reminder", CHIME, f"urges.{o.about}"]
        case "trouble":
            return ["chime/fault", CHIME, f"say.{o.about}"]
        case "test":
            return ["chime/test", CHIME, "say.test"]


def _zh_table(label):
    letters, area, digits = _label(label)
    parts = [part for letter in letters for part in (f"letter.{letter}", LETTER)]
    if area:
        ids = [f"area.{AREA_IDS[area]}"]
        if digits:
            ids += [f"no.{digits}"] if len(digits) < 3 else [*(f"digit.{d}" for d in digits), "hao"]
        return _joined(ids)
    return parts + _joined([f"table.{digits}"] if len(digits) < 3 else [*(f"digit.{d}" for d in digits), "zhuo"])


def _zh_amount(amount):
    cents = round(amount * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    ids = []
    gap = False
    for unit, value in (("wan", yuan // 10000), ("qian", yuan // 1000 % 10), ("bai", yuan // 100 % 10)):
        if value:
            ids += (["ling"] if gap and ids else []) + [f"{unit}.{value}"]
            gap = False
        else:
            gap = bool(ids)
    rest = yuan % 100
    if ids and rest == 0:
        ids.append("yuan")
    elif ids and rest < 10:
        ids.append(f"yuan.0{rest}")
    elif ids and gap:
        ids += ["ling", f"yuan.{rest}"]
    elif ids and rest < 20:
        ids.append(f"yuan.1{rest}")
    elif rest or not (jiao or fen):
        ids.append(f"yuan.{rest}")
    if jiao:
        ids.append(f"jiao.{jiao}")
    if fen:
        ids.append(f"fen.{fen}" if jiao or not ids else f"fen.0{fen}")
    return _joined(ids)


def _zh_wait(minutes):
    if minutes <= 60:
        return f"minutes.{minutes}"
    return f"hours.{min(minutes // 60, 3)}".replace("3", "many")


def _en(o):
    def digits(d):
        if len(d) < 3 and not d.startswith("0"):
            return [f"n.{d}"]
        return [f"n.{x}" for x in d]

    def number(n):
        ids = []
        if n >= 1000:
            ids += [f"n.{n // 1000}", "thousand"]
        if n % 1000 >= 100:
            ids += [f"n.{n // 100 % 10}", "hundred"]
        return ids + ([f"n.{n % 100}"] if n % 100 or not ids else [])

    match o.what:
        case "order" | "paid" | "reminder" | "payment":
            letters, area, d = _label(o.about)
            table = [f"area.{AREA_IDS[area]}"] if area else ["table"]
            table = _joined(table)
            for letter in letters:
                table += [NUMBER, f"letter.{letter}"]
            if d:
                table += [LETTER if letters else NUMBER, *_joined(digits(d))]
            if o.amount is not None:
                cents = round(o.amount * 100)
                ids = [*number(cents // 100), "yuan", *([f"n.{cents % 100}"] if cents % 100 else [])]
                paid = [f"say.{o.by}", LETTER, *_joined(ids)]
            if o.what == "order":
                clauses = [["say.new_order_short"], paid] if o.amount is not None else [["say.new_order"]]
            elif o.what == "paid":
                clauses = [paid]
            elif o.what == "payment":
                clauses = [["say.payment_problem"]]
            elif o.waited:
                m = o.waited
                spoken = [f"n.{m}", "say.minutes"] if m <= 60 else ["say.hour" if m < 120 else "say.hours"]
                clauses = [["say.urge_short"], _joined(["say.waited", *spoken]), ["say.hurry"]]
            else:
                clauses = [["say.urge"]]
            chime = {"order": "order", "paid": "money", "reminder": "reminder", "payment": "fault"}[o.what]
            return [f"chime/{chime}", CHIME, *_clauses(table, *clauses)]
        case "backlog":
            return ["chime/order", CHIME, *_joined(["say.you_have", f"n.{o.about}", "say.new_orders"])]
        case "urges":
            return ["chime/reminder", CHIME, *_joined([f"n.{o.about}", "say.tables_urge"])]
        case "trouble":
            return ["chime/fault", CHIME, f"say.{o.about}"]
        case "test":
            return ["chime/test", CHIME, "say.test"]
