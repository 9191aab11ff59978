"""The generator on NTREX, and on a sentence in each script of which no file is here: texts stay well-formed."""

import gzip
import re
import unicodedata
from collections.abc import Iterator

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shared_data import shared_data
from tests.typo.questions import digits_of, malformed
from xqg_pyserini.errors import XqgError
from xqg_pyserini.languages import language
from xqg_pyserini.typo import TypoGenerator, typo_languages
from xqg_pyserini.typo.tables import read_tsv

SENTENCES = 30
#: "Which city is the capital?" or alike.
IN_OTHER_SCRIPTS = {
    "bo": "བོད་ཀྱི་རྒྱལ་ས་གང་ཡིན་ནམ། རྒྱལ་ས་ནི་ལྷ་ས་ཡིན།",
    "dv": "ދިވެހިރާއްޖޭގެ ވެރިރަށަކީ ކޮބާ",
    "gu": "ભારતની રાજધાની કયું શહેર છે",
    "hy": "Ո՞ր քաղաքն է Հայաստանի մայրաքաղաքը",
    "ka": "რომელი ქალაქია საქართველოს დედაქალაქი",
    "kn": "ಭಾರತದ ರಾಜಧಾನಿ ಯಾವ ನಗರ ಮತ್ತು ಅದು ಎಲ್ಲಿದೆ",
    "ml": "ഇന്ത്യയുടെ തലസ്ഥാനം ഏത് നഗരമാണ്",
    "pa": "ਭਾਰਤ ਦੀ ਰਾਜਧਾਨੀ ਕਿਹੜਾ ਸ਼ਹਿਰ ਹੈ ਅਤੇ ਕਿੱਥੇ ਹੈ",
    "ta": "இந்தியாவின் தலைநகரம் எந்த நகரம்",
    "ti": "ርእሰ ከተማ ኤርትራ ኣየናይ እዩ",
    "uk": "Яке місто є столицею України",
    "ur": "پاکستان کا دارالحکومت کون سا شہر ہے",
}


def sentences() -> Iterator[tuple[str, list[str]]]:
    """NTREX's code of each language here and its first sentences."""
    for path in sorted(shared_data("ntrex").glob("newstest2019-*.txt.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as opened:
            yield (
                re.split(r"[-.]", path.name, maxsplit=2)[2].removesuffix(".txt.gz"),
                [line.strip() for line, _ in zip(opened, range(SENTENCES), strict=False)],
            )


def check(generator: TypoGenerator, key: str, text: str) -> bool:
    """Check one misspelled text; whether anything was misspelled."""
    script = generator.profile.script
    (query,) = generator.generate(key, text)
    assert query.replay() == query.text
    assert query.reverse() == query.clean
    assert unicodedata.is_normalized("NFC", query.text)
    assert len(malformed(query.text, script)) <= len(malformed(query.clean, script)), query
    assert digits_of(query.text) == digits_of(query.clean)
    # a grapheme that begins with a mark is what is shown on a dotted circle
    orphans = [sum(unicodedata.category(one[0])[0] == "M" for one in regex.findall(r"\X", t)) for t in query[1:3]]
    assert orphans[0] <= orphans[1], query
    if script != "Jpan":
        latin = [regex.search(r"\p{Latin}", t) is not None for t in query[1:3]]
        assert latin[0] <= latin[1], query
    return bool(query.edits)


def test_ntrex_stays_well_formed() -> None:
    seen = 0
    for code, texts in sentences():
        generator = TypoGenerator(code, typo_seed=5)
        changed = [check(generator, str(number), text) for number, text in enumerate(texts)]
        assert sum(changed) >= 0.99 * SENTENCES, code
        seen += 1
    assert seen >= 40


@given(st.sampled_from(sorted(IN_OTHER_SCRIPTS)), st.integers(0, 10_000), st.integers(1, 4))
@settings(max_examples=200)
def test_sentences_in_other_scripts_stay_well_formed(code: str, key: int, typos: int) -> None:
    assert malformed(IN_OTHER_SCRIPTS[code], language(code).script) == []
    for preset in ("natural", "keyboard"):
        assert check(TypoGenerator(code, typos, key, preset), "q", IN_OTHER_SCRIPTS[code])


def test_every_script_has_sentences_or_questions() -> None:
    from tests.typo.questions import QUESTIONS

    scripts = {language(code).script for code in (*QUESTIONS, *IN_OTHER_SCRIPTS, "lao", "sin")}
    assert {own.script for own in typo_languages()} <= scripts


def test_languages_are_listed_or_refused() -> None:
    listed = {own.code: own for own in typo_languages()}
    assert len(listed) >= 90
    assert listed["sr_latn"].layout == "rs(latin)"
    assert sum(own.profile == "particular" for own in listed.values()) == 39
    for code, row in read_tsv("refused").items():
        assert code not in listed
        with pytest.raises(XqgError, match=regex.escape(f"no typos in '{code}': {row['reason']}; xqg typo languages")):
            TypoGenerator(code)
