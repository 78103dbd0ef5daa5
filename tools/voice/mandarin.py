"""The Mandarin clips.

A carrier is written in pinyin with tone numbers, as the syllables are *spoken* (tone sandhi done: `yi2 ge4`,
`liang2bai3`); a capital letter is its English name, `,` and `.` are pauses.
"""

import re
import string

from misaki.zh import ZHG2P

from english import LEXICON

VOICE = "zf_xiaoyi"
SPEED = 0.9

DIGITS = "零一二三四五六七八九"
SYLLABLES = ["ling2", "yi1", "er4", "san1", "si4", "wu3", "liu4", "qi1", "ba1", "jiu3"]
TIE = "\u032f"  # misaki writes it under glides; the model has no token for it

# A letter is cut from the end of a spelled row: of those tried, the one that a recogniser understood best
# (see listen.py). I, N, S and Y are said as a Mandarin speaker says them.
SPELLED = dict(
    A="B, [A].", C="A, [C].", D="A, [D].", G="B, B, [G].", I="A, [ai4].", J="A, [J].", L="B, B, [L].", M="A, K, [M].",
    N="A, [en1].", Q="A, B, C, D, [Q].", R="A, [R].", S="A, [ai1si5].", X="A, [X].", Y="A, B, [wai1].",
)  # fmt: skip
AREAS = dict(
    baojian=("包间", "bao1jian1"), baoxiang=("包厢", "bao1xiang1"), yajian=("雅间", "ya3jian1"),
    yazuo=("雅座", "ya3zuo4"), kazuo=("卡座", "ka3zuo4"), dating=("大厅", "da4ting1"), santai=("散台", "san3tai2"),
    batai=("吧台", "ba1tai2"), qiantai=("前台", "qian2tai2"), guibin=("贵宾", "gui4bin1"),
    chuangbian=("窗边", "chuang1bian1"), waibai=("外摆", "wai4bai3"), lutai=("露台", "lu4tai2"),
    yilou=("一楼", "yi1lou2"), erlou=("二楼", "er4lou2"), sanlou=("三楼", "san1lou2"),
    waimai=("外卖", "wai4mai4"), dabao=("打包", "da3bao1"),
)  # fmt: skip
NEW_ORDER = "you3 xin1 ding4dan1"
# Said after a table, whose place in the carrier is taken by A01.
OF_A_TABLE = dict(
    new_order=("有新订单，请及时处理", f"{NEW_ORDER}, qing3 ji2shi2 chu2li3"),
    new_order_short=("有新订单", NEW_ORDER),
    order_now=("订单还没有处理，请马上处理", "ding4dan1 hai2 mei2you2 chu2li3, qing2 ma3shang4 chu2li3"),
    urge=("客户催单，请尽快上菜", "ke4hu4 cui1dan1, qing2 jin3kuai4 shang4cai4"),
    urge_again=("再次催单，请优先处理", "zai4ci4 cui1dan1, qing3 you1xian1 chu2li3"),
    hurry=("请尽快上菜", "qing2 jin3kuai4 shang4cai4"),
    call_waiter=("呼叫服务员", "hu1jiao4 fu2wu4yuan2"),
    call_bill=("请求结账", "qing3qiu2 jie2zhang4"),
    payment_problem=("付款异常，请核对", "fu4kuan3 yi4chang2, qing3 he2dui4"),
)
# An amount follows.
RECEIVED = dict(
    wechat=("微信收款", "wei1xin4 shou1kuan3"),
    alipay=("支付宝收款", "zhi1fu4bao3 shou1kuan3"),
    cash=("现金收款", "xian4jin1 shou1kuan3"),
    terminal=("刷卡收款", "shua1ka3 shou1kuan3"),
    balance=("会员余额支付", "hui4yuan2 yu2e2 zhi1fu4"),
    paid=("已付款", "yi3 fu4kuan3"),
)
ALONE = dict(
    printer=("打印机缺纸或离线，请检查", "da3yin4ji1 que1zhi3 huo4 li2xian4, qing2 jian3cha2"),
    tunnel=("收款通知通道断开，请检查网络", "shou1kuan3 tong1zhi1 tong1dao4 duan4kai1, qing2 jian3cha2 wang3luo4"),
    offline=("网络已断开", "wang3luo4 yi3 duan4kai1"),
    online=("网络已恢复", "wang3luo4 yi3 hui1fu4"),
    see_screen=("请看屏幕", "qing3 kan4 ping2mu4"),
)


def phonemes(carrier):
    """A carrier as the model's phonemes; spaces and pauses stay."""

    def spoken(word):
        word = word.group()
        return LEXICON[word] if word.isupper() else ZHG2P.py2ipa(word).replace(TIE, "")

    return re.sub(r"[A-Z]|[a-zü]+[1-5]", spoken, carrier)


def number(n):
    """How 0 to 99 is read: (characters, pinyin). 12 is 十二, 20 is 二十."""
    tens, ones = divmod(n, 10)
    if tens == 0:
        return DIGITS[n], SYLLABLES[n]
    text = (DIGITS[tens] if tens > 1 else "") + "十" + (DIGITS[ones] if ones else "")
    pinyin = (SYLLABLES[tens] if tens > 1 else "") + "shi2" + (SYLLABLES[ones] if ones else "")
    return text, pinyin


def how_many(n, tone):
    """How 0 to 99 is read before what is counted, whose tone decides that of 一: 两桌, 一元 as yi4, 一角 as yi4."""
    spoken = {1: ("一", "yi2" if tone == 4 else "yi4"), 2: ("两", "liang2" if tone == 3 else "liang3")}
    text, pinyin = spoken.get(n) or number(n)
    return text, pinyin[:-1] + "2" if tone == 3 and pinyin.endswith("3") else pinyin


def after_you(pinyin):
    """The tone of 有 before a number."""
    return "you2" if pinyin.startswith(("liang3", "wu3", "jiu3")) else "you3"


def places():
    """What names a table: its area's letter or name, its number with 桌 or 号, single digits for long numbers."""
    for letter in string.ascii_uppercase:
        yield f"letter.{letter}", letter, SPELLED.get(letter, f"A, B, [{letter}].")
    for area, (text, pinyin) in AREAS.items():
        yield f"area.{area}", text, f"A, [{pinyin}] ba1hao4, {NEW_ORDER}."
    for n in range(1, 100):
        text, pinyin = number(n)
        yield f"table.{n}", text + "桌", f"A, [{pinyin} zhuo1], {NEW_ORDER}."
        yield f"no.{n}", text + "号", f"A, bao1jian1 [{pinyin} hao4], {NEW_ORDER}."
    for n in range(1, 10):
        text, pinyin = number(n)
        yield f"table.0{n}", f"零{text}桌", f"A, [ling2{pinyin} zhuo1], {NEW_ORDER}."
    for n in range(10):
        text, pinyin = number(n)
        before = "ling2" if n == 5 else "ba1"  # as A105 is heard best
        yield f"digit.{n}", text, f"A, {before}, [{pinyin}]."
    yield "zhuo", "桌", f"A, ba1 [zhuo1], {NEW_ORDER}."
    yield "hao", "号", f"A, ba1 [hao4], {NEW_ORDER}."


def counts():
    """「您有N个新订单」: whole up to 20; above that 您有 + tens + digit + 个新订单. 「有N桌催单」 up to 20."""
    for n in range(1, 21):
        text, pinyin = how_many(n, 4)
        yield f"count.{n}", f"您有{text}个新订单", f"[nin2, {after_you(pinyin)} {pinyin} ge4 xin1 ding4dan1]."
    for n in range(20, 100, 10):
        text, pinyin = number(n)
        yield f"tens.{n}", text, f"nin2 you3, [{pinyin}] ba1 ge4 xin1 ding4dan1."
    yield "say.you_have", "您有", "[nin2, you3] ba1shi2 ge4 xin1 ding4dan1."
    yield "say.ge_new", "个新订单", "nin2 you3 san1shi2, [ge4 xin1 ding4dan1]."
    urging, please = "zhuo1, cui1dan1", "qing3 you1xian1 chu2li3"
    for n in range(2, 21):
        text, pinyin = how_many(n, 1)
        yield f"urges.{n}", f"有{text}桌催单，请优先处理", f"[{after_you(pinyin)} {pinyin} {urging}, {please}]."
    yield "say.urges_many", "有很多桌催单，请优先处理", f"[you2 hen3 duo1 {urging}, {please}]."


def amounts():
    """Money up to 99999.99, as 一万 两千 三百 四十五元 六角; after 百 and higher a gap is 零 and ten is 一十."""
    received = "wei1xin4 shou1kuan3,"
    for n in range(100):
        text, pinyin = how_many(n, 2)
        yield f"yuan.{n}", text + "元", f"{received} [{pinyin} yuan2]."
    for n in range(1, 10):
        text, pinyin = number(n)
        yield f"yuan.0{n}", f"零{text}元", f"{received} yi4bai3 [ling2{pinyin} yuan2]."
    for n in range(10, 20):
        text, pinyin = number(n)
        yield f"yuan.1{n}", f"一{text}元", f"{received} yi4bai3 [yi1{pinyin} yuan2]."
    yield "yuan", "元", f"{received} ba1bai3 [yuan2]."
    for n in range(1, 10):
        text, pinyin = how_many(n, 3)
        yield f"bai.{n}", text + "百", f"{received} [{pinyin}bai3] ba1shi2 yuan2."
        text, pinyin = how_many(n, 1)
        yield f"qian.{n}", text + "千", f"{received} [{pinyin}qian1] ba1bai3 yuan2."
        text, pinyin = how_many(n, 4)
        yield f"wan.{n}", text + "万", f"{received} [{pinyin}wan4] ba1qian1 yuan2."
    yield "ling", "零", f"{received} ba1qian1 [ling2] ba1shi2 yuan2."
    for n in range(1, 10):
        text, pinyin = how_many(n, 3)
        before = f"{received} ba1 yuan2" if n < 7 else "B,"  # the one that is heard better
        yield f"jiao.{n}", text + "角", f"{before} [{pinyin}jiao3]."
        text, pinyin = how_many(n, 1)
        yield f"fen.{n}", text + "分", f"{received} ba1 yuan2 ba1jiao3 [{pinyin}fen1]."
        text, pinyin = number(n)
        yield f"fen.0{n}", f"零{text}分", f"{received} ba1 yuan2 [ling2{pinyin}fen1]."


def waits():
    """「客户催单，已等待二十分钟」."""
    yield "say.urge_short", "客户催单", "A ling2yi1 zhuo1, [ke4hu4 cui1dan1], yi2 deng3dai4 ba1 fen1zhong1."
    yield "say.waited", "已等待", "ke4hu4 cui1dan1, [yi2 deng3dai4] ba1 fen1zhong1, qing2 jin3kuai4 shang4cai4."
    carrier = "ke4hu4 cui1dan1, yi2 deng3dai4 [{}], qing2 jin3kuai4 shang4cai4."
    for n in range(1, 61):
        text, pinyin = how_many(n, 1)
        yield f"minutes.{n}", text + "分钟", carrier.format(f"{pinyin} fen1zhong1")
    yield "hours.1", "一个多小时", carrier.format("yi2 ge4 duo1 xiao3shi2")
    yield "hours.2", "两个多小时", carrier.format("liang3 ge4 duo1 xiao3shi2")
    yield "hours.many", "好几个小时", carrier.format("hao2 ji3 ge4 xiao3shi2")


def phrases():
    for id, (text, pinyin) in OF_A_TABLE.items():
        yield f"say.{id}", text, f"A ling2yi1 zhuo1, [{pinyin}]."
    for id, (text, pinyin) in RECEIVED.items():
        yield f"say.{id}", text, f"A ling2yi1 zhuo1, [{pinyin}], ba1shi2 yuan2."
    for id, (text, pinyin) in ALONE.items():
        yield f"say.{id}", text, f"[{pinyin}]."
    interrupted = "yu3yin1 bo1bao4 ceng2jing1 zhong1duan4, qing2 jian3cha2 yin1xiang1"
    yield "say.sound", "语音播报曾经中断，请检查音箱", f"[{interrupted}], xie4xie5."
    yield "say.test", "语音播报测试，听到请确认", "A, [yu3yin1 bo1bao4 ce4shi4, ting1dao4 qing3 que4ren4]."


def clips():
    """Each clip's id, text and carrier."""
    for part in (places, counts, amounts, waits, phrases):
        yield from part()
