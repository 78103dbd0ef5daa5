"""The English clips. A carrier is written in words; a capital letter is its name, `,` and `.` are pauses."""

import json
import re
import string
from importlib.util import find_spec
from pathlib import Path

VOICE = "af_bella"
SPEED = 0.9

# Pronunciations in the model's phonemes: misaki's dictionary, and the words that it lacks.
DICTIONARY = Path(find_spec("misaki").origin).parent / "data/us_gold.json"
LEXICON = json.loads(DICTIONARY.read_text(encoding="utf-8")) | {"member's": "mˈɛmbəɹz"} | dict(
    Alipay="ˈælipˌA", WeChat="wˈiʧˌæt", asking="ˈæskɪŋ", guests="ɡˈɛsts", hours="ˈWəɹz", minutes="mˈɪnəts",
    notices="nˈOɾəsᵻz", orders="ˈɔɹdəɹz", tables="tˈAbᵊlz", the="ðə",
)  # fmt: skip

ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen""".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
AREAS = dict(
    baojian="room", baoxiang="room", yajian="room", yazuo="booth", kazuo="booth", dating="hall", santai="hall",
    batai="bar", qiantai="front desk", guibin="V I P room", chuangbian="window", waibai="outside", lutai="terrace",
    yilou="first floor", erlou="second floor", sanlou="third floor", waimai="delivery", dabao="takeaway",
)  # fmt: skip
# Said after a table, whose place in the carrier is taken by "table twelve".
OF_A_TABLE = dict(
    new_order="new order, please take it",
    new_order_short="new order",
    order_now="the order is still waiting, please take it now",
    urge="guests are asking for their food, please hurry",
    urge_short="guests are asking for their food",
    urge_again="they are asking again, please serve them first",
    hurry="please hurry",
    call_waiter="guests are calling the waiter",
    call_bill="guests are asking for the bill",
    payment_problem="payment problem, please check",
)
# An amount follows.
RECEIVED = dict(
    wechat="WeChat pay received",
    alipay="Alipay received",
    cash="cash received",
    terminal="card payment received",
    balance="paid from the member's balance",
    paid="paid",
)
ALONE = dict(
    one_new_order="you have one new order",
    printer="the printer is out of paper or offline, please check",
    tunnel="payment notices are cut off, please check the network",
    offline="the network is down",
    online="the network is back",
    sound="the voice was interrupted, please check the speaker",
    test="sound test, please confirm that you hear this",
    see_screen="please look at the screen",
)


def phonemes(carrier):
    """A carrier as the model's phonemes; spaces and pauses stay."""

    def spoken(word):
        known = LEXICON[word.group()]
        return known if isinstance(known, str) else known["DEFAULT"]

    return re.sub(r"[A-Za-z']+", spoken, carrier)


def number(n):
    """How 0 to 99 is read, in words."""
    if n < 20:
        return ONES[n]
    tens, ones = divmod(n, 10)
    return TENS[tens - 2] + (f" {ONES[ones]}" if ones else "")


def clips():
    """Each clip's id, text and carrier."""
    for letter in string.ascii_uppercase:
        yield f"letter.{letter}", letter, f"table [{letter}], twelve, new order."
    for n in range(100):
        yield f"n.{n}", number(n), f"table A, [{number(n)}], new order."
    yield "table", "table", "[table] twelve, new order."
    for area, text in AREAS.items():
        yield f"area.{area}", text, f"[{text}] eight, new order."
    yield "hundred", "hundred", "two [hundred] thirty eight yuan."
    yield "thousand", "thousand", "two [thousand] thirty eight yuan."
    yield "yuan", "yuan", "thirty eight [yuan]."
    yield "say.you_have", "you have", "[you have] three new orders."
    yield "say.new_orders", "new orders", "you have three [new orders]."
    urging = "tables are asking for their food, please hurry"
    yield "say.tables_urge", urging, f"seven [{urging}]."
    yield "say.waited", "waiting", "table twelve, [waiting] thirty minutes."
    yield "say.minute", "minute", "waiting one [minute], please hurry."
    yield "say.minutes", "minutes", "waiting thirty [minutes], please hurry."
    for id, text in dict(hour="over an hour", hours="over two hours", many_hours="for many hours").items():
        yield f"say.{id}", text, f"table twelve, waiting [{text}], please hurry."
    for id, text in OF_A_TABLE.items():
        yield f"say.{id}", text, f"table twelve, [{text}]."
    for id, text in RECEIVED.items():
        yield f"say.{id}", text, f"table twelve, [{text}], thirty eight yuan."
    for id, text in ALONE.items():
        yield f"say.{id}", text, f"[{text}]."
