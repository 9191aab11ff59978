import pytest

from tests.typo.questions import QUESTIONS, malformed
from xqg_pyserini.languages import language
from xqg_pyserini.typo.scripts.wellformed import adds_malformed


@pytest.mark.parametrize("lang", QUESTIONS)
def test_questions_are_well_formed(lang: str) -> None:
    assert malformed(QUESTIONS[lang], language(lang).script) == []


@pytest.mark.parametrize(
    ("script", "text", "bad"),
    [
        ("Beng", "কিী", ["ী"]),
        ("Beng", "ক্ি", ["্", "ি"]),
        ("Beng", "অি", ["ি"]),
        ("Beng", "প্থ্", ["্"]),
        ("Beng", "ক্ষ অ্যান্ড র‍্যাব যায় বাংলা চাঁদ", []),
        ("Telu", "కి్", ["్"]),
        ("Telu", "ఖురాన్ ర్యాలీ", []),
        ("Deva", "कीि", ["ि"]),
        ("Deva", "हिंदी ज़रूर प्रधानमंत्री", []),
        ("Khmr", "ក្", ["្"]),
        ("Khmr", "ក្ានិ", ["្", "ា"]),
        ("Khmr", "ភ្នំពេញ", []),
        ("Thai", "เ ก้", ["เ"]),
        ("Thai", "ก่้", ["้"]),
        ("Thai", "เพราะน้ำที่", []),
        ("Gujr", "કીિ", ["િ"]),
        ("Gujr", "ભારતની રાજધાની કઈ છે", []),
        ("Guru", "ਕੀੀੴ", ["ੀ", "ੴ"]),
        ("Guru", "ਭਾਰਤ ਦੀ ਰਾਜਧਾਨੀ ਕਿੱਥੇ ਹੈ", []),
        ("Knda", "ಕಿ್", ["್"]),
        ("Knda", "ಭಾರತದ ರಾಜಧಾನಿ ಯಾವುದು", []),
        ("Mlym", "കിീ", ["ീ"]),
        ("Mlym", "ഇന്ത്യയുടെ തലസ്ഥാനം ഏതാണ് എന്റെ വീടു്", []),
        ("Sinh", "ික", ["ි"]),
        ("Sinh", "ශ්\u200dරී ලංකාවේ අගනුවර කුමක්ද", []),
        ("Taml", "க்ி", ["ி"]),
        ("Taml", "இந்தியாவின் தலைநகரம் எது", []),
        ("Laoo", "ເ ກ້້", ["ເ", "້"]),
        ("Laoo", "ນະຄອນຫຼວງຂອງລາວແມ່ນເມືອງຫຍັງ ນ້ຳ ເຈົ້າ", []),
        ("Tibt", "ིོཀྐྷ", ["ི", "ོ"]),
        ("Tibt", "བོད་ཀྱི་རྒྱལ་ས་གང་ཡིན།", []),
        ("Thaa", "ދިިަވެ", ["ި", "ަ"]),
        ("Thaa", "ދިވެހިރާއްޖޭގެ ވެރިރަށަކީ ކޮބާ", []),
        ("Ethi", "ሰaም", ["a"]),
        ("Ethi", "የኢትዮጵያ ዋና ከተማ NATO", []),
        ("Latn", "a \u0301b", ["\u0301"]),
        ("Kore", "\u1100한", ["\u1100"]),
        ("Jpan", "ーム", ["ー"]),
        ("Jpan", "送って", []),
    ],
)
def test_sequences_by_hand(script: str, text: str, bad: list[str]) -> None:
    assert malformed(text, script) == bad


def test_only_new_malformed_sequences_count() -> None:
    assert not adds_malformed("কিী কম", "কিী মক", "Beng")
    assert adds_malformed("কিী কম", "কিী কিীম", "Beng")
