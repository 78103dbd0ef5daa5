"""The inventory of Mandarin clips: what each one says, and the sentence it is cut from.

A carrier is written in pinyin with tone numbers, as the syllables are *spoken* (tone sandhi done:
`yi2 ge4`, `liang2bai3`); a capital letter is its English name, `,` and `.` are pauses. What stands
in [square brackets] is kept; the rest gives it the melody of its place and is thrown away.
"""

import string
from dataclasses import dataclass

DIGITS = "零一二三四五六七八九"
SYLLABLES = ["ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3"]
NEW_ORDER = "you3 xin1 ding4dan1"
# A letter is cut from the end of a spelled row: of those tried, the one that a recogniser understood best
# (see listen.py). I and N are said as a Mandarin speaker says them.
SPELLED = dict(
    D="A, [D].", G="B, B, [G].", I="A, [ai4].", L="B, B, [L].", M="A, K, [M].", N="A, [en1].",
    Q="A, B, C, D, [Q].", R="A, [R].", X="A, [X].",
)  # fmt: skip


@dataclass(frozen=True)
class Clip:
    id: str
    text: str
    carrier: str


def number(n):
    """How 0 to 99 is read: (characters, pinyin). 12 is 十二, 20 is 二十."""
    tens, ones = divmod(n, 10)
    if tens == 0:
        return DIGITS[n], SYLLABLES[n]
    text = (DIGITS[tens] if tens > 1 else "") + "十" + (DIGITS[ones] if ones else "")
    pinyin = (SYLLABLES[tens] if tens > 1 else "") + "shi2" + (SYLLABLES[ones] if ones else "")
    return text, pinyin


def places():
    """What names a table: its area's letter, its number with 桌, single digits for long numbers."""
    for letter in string.ascii_uppercase:
        yield Clip(f"letter.{letter}", letter, SPELLED.get(letter, f"A, B, [{letter}]."))
    for n in range(1, 100):
        text, pinyin = number(n)
        yield Clip(f"table.{n}", text + "桌", f"A, [{pinyin} zhuo1], {NEW_ORDER}.")
    for n in range(1, 10):
        text, pinyin = number(n)
        yield Clip(f"table.0{n}", f"零{text}桌", f"A, [ling2{pinyin} zhuo1], {NEW_ORDER}.")
    for n in range(10):
        text, pinyin = number(n)
        yield Clip(f"digit.{n}", text, f"A, ba1, [{pinyin}].")
    yield Clip("zhuo", "桌", f"A, ba1 [zhuo1], {NEW_ORDER}.")


def counts():
    """「您有N个新订单」: whole up to 20; above that 您有 + tens + digit + 个新订单."""
    spoken = {1: ("一", "yi2"), 2: ("两", "liang3")}
    for n in range(1, 21):
        text, pinyin = spoken.get(n) or number(n)
        before = "you2" if pinyin in ("liang3", "wu3", "jiu3") else "you3"
        yield Clip(f"count.{n}", f"您有{text}个新订单", f"[nin2 {before} {pinyin} ge4 xin1 ding4dan1].")
    for n in range(20, 100, 10):
        text, pinyin = number(n)
        yield Clip(f"tens.{n}", text, f"nin2 you3, [{pinyin}] ba1 ge4 xin1 ding4dan1.")
    yield Clip("say.you_have", "您有", "[nin2 you3] ba1shi2 ge4 xin1 ding4dan1.")
    yield Clip("say.ge_new", "个新订单", "nin2 you3 san1shi2, [ge4 xin1 ding4dan1].")


def phrases():
    """Whole sentences: those about a table follow one in their carrier, the others stand alone."""
    table = "A ling2yi1 zhuo1, "
    yield Clip("say.new_order", "有新订单，请及时处理", f"{table}[{NEW_ORDER}, qing3 ji2shi2 chu2li3].")
    yield Clip("say.new_order_short", "有新订单", f"{table}[{NEW_ORDER}].")
    yield Clip("say.urge", "客户催单，请尽快上菜", f"{table}[ke4hu4 cui1dan1, qing2 jin3kuai4 shang4cai4].")
    yield Clip("say.urge_short", "催单了", f"{table}[cui1dan1 le5].")
    yield Clip("say.urge_again", "再次催单，请优先处理", f"{table}[zai4ci4 cui1dan1, qing3 you1xian1 chu2li3].")
    yield Clip("say.payment_problem", "付款异常，请核对", f"{table}[fu4kuan3 yi4chang2, qing3 he2dui4].")
    yield Clip("say.cancelled", "订单已取消", f"{table}[ding4dan1 yi2 qu3xiao1].")
    yield Clip("say.offline", "网络已断开", "[wang3luo4 yi3 duan4kai1].")
    yield Clip("say.online", "网络已恢复", "[wang3luo4 yi3 hui1fu4].")
    yield Clip("say.test", "语音播报测试", "[yu3yin1 bo1bao4 ce4shi4].")
    yield Clip("say.started", "点餐系统已启动", "[dian3can1 xi4tong3 yi2 qi3dong4].")


def inventory():
    """All clips by id."""
    return {clip.id: clip for part in (places, counts, phrases) for clip in part()}
