"""Orthographic confusions: one letter sequence is written for another that sounds or looks the same.

The notation of the table: ``a>b`` means b is written for a, ``a=b`` both ways, nothing after ``>`` that a is missing;
``^`` and ``$`` restrict a pair to the beginning or end of a word; a pair of equal sides protects the sequence (a
digraph, a subjoined letter) from the other pairs. Only the letters of the pair change.

Sources: ar, he: the confusion sets used for normalizing these languages in retrieval (hamza and alef, ta marbuta and
ha, alef maqsura and ya; final letters, words with and without yod and vav). bn, hi, te: letters that sound alike in
the modern language, and the ways to write sibilants, nasals and anusvara. th: homophone consonants, the two ai vowels,
neighboring tone marks. km: letters of the two registers and the two subscripts that look alike (្ត, ្ដ).
ko: vowels that are pronounced alike (ㅐ, ㅔ) and particles. vi: dialect mergers (hoi and nga tones, s/x, ch/tr, d/gi,
n/ng, l/n). ru, el, pl, hu, es, pt: unstressed or merged sounds of the standard orthography. ja: voicing marks and
small kana as missed on a telephone keypad, particles, four kana (ず づ じ ぢ). Romanised African languages and Malay:
those of neighboring colonial orthographies and mergers; these are the least documented and carry little weight
in the presets.
"""

import functools
import re
import unicodedata
from typing import NamedTuple, override

from xqg_pyserini.typo.operators.base import TYPO_OPERATORS, Change, PlacesOperator
from xqg_pyserini.typo.profiles import Profile
from xqg_pyserini.typo.units import like, lower
from xqg_pyserini.typo.words import Word

CONFUSIONS = {
    "ar": "أ>ا إ>ا آ>ا أ=إ ^ان>أن ^اس>إس ^ام>أم ة$=ه$ ى$=ي$ ؤ>و ئ>ي ئ>ء ض=ظ ذ>د ث>ت ء$>",
    "bem": "l=r sh>s ch>c",
    "bn": "্র>্র র্>র্ ্য>্য শ=ষ শ=স ষ>স ন=ণ জ=য র=ড় ড়>ড ৎ=ত ং=ঙ ঙ্গ=ং য়>য ঁ> ো$> ক্ষ>খ জ্ঞ>গ্য ৃ>্রি ঋ>রি ই=ঈ উ=ঊ ত্ত>ত দ্ব>দ",
    "da": "å>aa æ>ae ø>oe æ>e ^hv>v nd=nn ld>ll",
    "de": "ä>ae ö>oe ü>ue ß>ss ie=ei ph>f th>t tz>z ^v>f dt$>d chs>x",
    "el": "ου>ου ού>ού αυ>αυ ευ>ευ η=ι η>υ ι>υ ει=ι οι=ι ω=ο αι=ε ή=ί ή>ύ εί=ί οί=ί ώ=ό αί=έ ς$>σ λλ>λ σσ>σ",
    "en": "ie=ei ance$=ence$ able$=ible$ ph>f ^wh>w ous$>us ally$>ly tion$>sion mm>m cc>c",
    "es": "b=v ^h> ll=y z>s ce>se ci>si ge=je gi=ji ñ>ny ^ex>es cc>c",
    "fi": "å>o ng>nk ä>ae ö>oe d>t ij>j",
    "fon": "x>h c>tch",
    "fr": "œ>oe ph>f é=è ê>è ç>ss eau$>au ai>é y>i mm>m nn>n tt>t er$=é$ ée$>é$ th>t",
    "ha": "ts>t sh>s c>ch l=r ʼ>",
    "he": "א=ע כ=ק ט=ת ח=כ ס=ש ך$>כ ם$>מ ן$>נ ף$>פ ץ$>צ יי>י וו>ו ה$>א",
    "hi": "श=ष श=स ष>स ण=न ब=व ज़>ज फ़>फ ड़>ड ढ़>ढ क़>क ख़>ख ग़>ग ँ>ं ं=ँ न्=ं म्>ं ये$=ए$ यी$=ई$ ऋ>रि ृ>्रि क्ष>छ ज्ञ>ग्य इ=ई उ=ऊ",
    "hu": "ly=j ö=ő ü=ű ó>o ú>u í>i tt>t ll>l ssz>sz",
    "ig": "l=r gh>g nw>w",
    "it": "cq>q qu=cu è$=é$ à$>a è$>e ò$>o ù$>u ì$>i gn>ni gli>li sce>she",
    "ja": "を>お づ=ず ぢ=じ ヅ=ズ が>か ぎ>き ぐ>く げ>け ご>こ "
          "ざ>さ じ>し ず>す ぜ>せ ぞ>そ だ>た で>て ど>と ば=ぱ び=ぴ ぶ=ぷ べ=ぺ ぼ=ぽ "
          "っ>つ ゃ>や ゅ>ゆ ょ>よ ガ>カ グ>ク ゴ>コ ジ>シ ズ>ス ダ>タ デ>テ ド>ト "
          "バ=パ ビ=ピ ブ=プ ベ=ペ ボ=ポ ッ>ツ ャ>ヤ ュ>ユ ョ>ヨ "
          "ヴァ>バ ヴィ>ビ ヴェ>ベ ヴ>ブ ティ=チ シミュ>シュミ ー> おお=おう とう>とお",
    "km": "ន=ណ ល=ឡ ្ត=្ដ ត=ដ ឌ=ដ ធ=ទ ភ=ព ផ=ភ ឆ=ច ឈ>ជ ឃ>គ ព=ប ឝ>ស ៊=៉ ឥ>អិ ិ=ឹ",
    "ko": "되=돼 됐>됬 데=대 네=내 게=개 의>에 든지=던지 로서=로써 왠=웬 않=안 낫=낳 예=얘 몇일=며칠",
    "ms": "^yang$>yg ^dengan$>dgn ^untuk$>utk ^dalam$>dlm ^pada$>pd ^tidak$>tak sy>s kh>k f>p z>s ai$>e au$>o",
    "nl": "ij=ei au=ou ij>y dt$>d d$=t$ sch>s c>k isch$>ies ie$>i ou=au",
    "no": "å>aa æ>ae ø>oe æ>e kj=skj ^hv>v nd=nn ld>ll ^gj>j",
    "pl": "rz=ż ó=u ch=h ą$>om ę$>e om$>ą",
    "pt": "ç=ss x=ch asa=aza esa=eza osa=oza isa=iza iso=izo oso=ozo ão$=am$ ^h> ce>se ci>si ge=je gi=ji é=ê ó=ô",
    "ro": "â=î ii$>i iii$>ii x>cs ea>ia ie>e",
    "ru": "ё>е о=а е=и тся$=ться$ ш=щ ь> ъ>ь ого$>ово$ его$>ево$ сч>щ д$=т$ г$=к$ в$=ф$ з$=с$ ци>цы стн>сн здн>зн",
    "rw": "l=r cy>c jy>j shy>sh ts>s nny>ny",
    "sv": "å>aa ä>ae ö>oe ä>e sj=skj ^hj>j ^lj>j ck>k mm>m",
    "sw": "r=l dh>z th>s gh>g mw>m ^h> kh>h",
    "te": "శ=ష శ=స ష>స ణ=న ళ=ల ఱ>ర థ=ధ ం>న్ న్>ం మ్>ం ఋ>రు ృ>్రు క్ష>చ జ్ఞ>గ్న ఇ=ఈ ఉ=ఊ ఎ=ఏ ఒ=ఓ ః>",
    "th": "ใ=ไ ศ=ส ษ>ส ศ=ษ ณ=น ร=ล ฬ>ล ญ>ย ธ=ท ฑ>ท ฒ>ท ฎ=ฏ ฎ>ด ฏ>ต ฆ>ค ฌ>ช ฐ>ถ ภ=พ ซ=ส ่=้ ้=๊ รร>ั ำ=ัม คะ=ค่ะ นะ>น่ะ ทร>ซ",
    "tr": "ı=i ğ> ş=s ç=c ö=o ü=u b$=p$ d$=t$ yor>yo v>u",
    "tw": "ky=ch gy=j hy>sh kw>qu ɔ>c dw>j",
    "vi": "ả=ã ẻ=ẽ ỉ=ĩ ỏ=õ ủ=ũ ỷ=ỹ ẩ=ẫ ể=ễ ổ=ỗ ở=ỡ ử=ữ s=x ^ch=^tr ^d=^gi n$=ng$ t$=c$ ^l=^n ^r=^d ^ngh>ng i$=y$ ^q>k",
    "wo": "x=kh u>ou c>ch j>dj ë>eu ñ>gn y>i",
    "yo": "ṣ>sh gb>b ẹ>ei kp>p l=r",
    "zh": "的=得 得=地 的=地 在=再 做=作 像=象 他=她 那=哪 以=已 帐=账 座=坐",
    "zu": "th=t kh=k ph=p bh=b hl>l sh=s dl>l",
}  # fmt: skip


class Pair(NamedTuple):
    """``new`` is written for ``old``; ``first`` and ``last`` restrict it to the ends of a word."""

    old: str
    new: str
    first: bool
    last: bool


def parse_pairs(table: str) -> list[Pair]:
    """The pairs of one language in the notation of the table."""
    pairs = []
    for item in unicodedata.normalize("NFC", table).split():
        old, sign, new = item.partition(">") if ">" in item else item.partition("=")
        sides = [(old, new), (new, old)] if sign == "=" else [(old, new)]
        pairs += [Pair(a.strip("^$"), b.strip("^$"), a.startswith("^"), a.endswith("$")) for a, b in sides]
    return pairs


@functools.cache
def confusion_table(lang: str) -> tuple[re.Pattern[str], dict[str, list[Pair]]]:
    """A pattern that finds the sequences of the table, the longest first, and what may be written for each."""
    table: dict[str, list[Pair]] = {}
    for pair in parse_pairs(CONFUSIONS.get(lang, "")):
        table.setdefault(pair.old, []).append(pair)
    longest_first = sorted(map(re.escape, table), key=len, reverse=True)
    return re.compile("|".join(longest_first) or r"(?!)"), table


@TYPO_OPERATORS.register("confuse")
class Confuse(PlacesOperator):
    """Letters that sound or look the same, or that people write instead when they type in haste."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.pattern, self.table = confusion_table(profile.code)

    @override
    def places(self, word: Word) -> list[Change]:
        text = lower(word.text, self.profile.code)
        found = []
        for match in self.pattern.finditer(text):
            start, end = match.span()
            for pair in self.table[match.group()]:
                empties_word = not pair.new and pair.old == text
                if pair.old == pair.new or (pair.first and start) or (pair.last and end < len(text)) or empties_word:
                    continue
                new = like(word.text[start:end], pair.new, self.profile.code)
                found.append(Change(start, end, new, "spelling"))
        return found
