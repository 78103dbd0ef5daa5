"""How far what was heard is from what was said: syllables with tones in Mandarin, words in English."""

import re
from itertools import pairwise, product

import zhconv
from pypinyin import Style, lazy_pinyin

import english
import mandarin

# Syllables of the characters that may be written for a letter.
LETTERS = dict(
    A="ei ai", B="bi", C="xi", D="di", E="yi", G="ji", I="ai", J="jie", K="kei", O="ou o", P="pi", Q="qiu", R="er a",
    T="ti", U="you", V="wei", Y="wai",
)  # fmt: skip


def errors(language, said, heard):
    """The least number of errors between a reading of what was said and one of what was heard, and of how many."""
    heard = re.sub(r"\(.*?\)|\[.*?\]", "", heard)  # what Whisper calls the chime
    read, same = dict(zh=(syllables, same_syllable), en=(words, same_word))[language]
    return min((distance(a, b, same), len(a)) for a, b in zip(read(said), read(heard)))


def distance(said, heard, same):
    """The edit distance of two lists."""
    row = list(range(len(heard) + 1))
    for i, wanted in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, got in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (not same(wanted, got)))
    return row[-1]


def numbers_read(text, whole, digits, number):
    """Text with its numbers in words: as a whole, or digit by digit as those with a leading zero always are."""

    def read(match):
        found = match[0]
        return number(int(found)) if whole and found[0] != "0" else "".join(digits[int(digit)] for digit in found)

    return re.sub(r"[0-9]{1,5}", read, re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text))


def syllables(text):
    """The readings of a Mandarin text as pinyin with tones: 2 as 二 or 两, with tone sandhi or without."""
    text = zhconv.convert(text, "zh-cn")
    for whole, two, sandhi in product([True, False], "二两", [True, False]):
        read = numbers_read(re.sub(r"(?<![0-9])2(?![0-9])", two, text), whole, mandarin.DIGITS, mandarin_number)
        parts = re.findall(r"[A-Z](?![a-z])|[A-Za-z]+|[^\W_a-zA-Z]+", read)
        style = dict(style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=sandhi)
        spoken = [syllable for part in parts for syllable in lazy_pinyin(part, **style)]
        yield thirds_as_spoken(spoken) if sandhi else spoken


def thirds_as_spoken(syllables):
    """A third tone before another one is spoken as a second."""
    return [a[:-1] + "2" if a[-1] == b[-1] == "3" else a for a, b in pairwise([*syllables, "."])]


def mandarin_number(n):
    """12345 as 一万两千三百四十五, 105 as 一百零五."""
    text, gap = "", False
    for unit, worth in (("万", 10000), ("千", 1000), ("百", 100)):
        count, n = divmod(n, worth)
        if count:
            text += ("零" if gap else "") + ("两" if count == 2 else mandarin.DIGITS[count]) + unit
        gap = bool(text) and not count
    if n:
        text += "零" if text and (gap or n < 10) else ""
        text += ("一" if text and 10 <= n < 20 else "") + mandarin.number(n)[0]
    return text


def same_syllable(said, heard):
    return said in (heard, heard.upper()) or heard.rstrip("12345") in LETTERS.get(said, "").split()


def words(text):
    """The readings of an English text as words."""
    digits = [f" {word} " for word in english.ONES[:10]]
    for whole in (True, False):
        yield re.findall(r"[a-z']+", numbers_read(text, whole, digits, english_number).lower())


def english_number(n):
    spoken = []
    for unit, worth in (("thousand", 1000), ("hundred", 100)):
        count, n = divmod(n, worth)
        spoken += [english.number(count), unit] if count else []
    return f" {' '.join([*spoken, english.number(n)] if n else spoken)} "


def same_word(said, heard):
    """Letters and homophones (two, to; C, see) are the same."""
    return said == heard or bool(pronunciations(said) & pronunciations(heard))


def pronunciations(word):
    """As misaki's dictionary has them, without stress; a word's may depend on its part of speech."""
    known = [english.LEXICON.get(spelling, {}) for spelling in (word, word.upper())]
    spoken = [sound for entry in known for sound in (entry.values() if isinstance(entry, dict) else [entry]) if sound]
    return {re.sub("[ˈˌ]", "", sound) for sound in spoken}
