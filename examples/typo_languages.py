"""Misspell one question per language and print a Markdown table: ``python examples/typo_languages.py``."""

from xqg_pyserini.languages import language
from xqg_pyserini.typo import TypoGenerator, measure_severity

QUESTIONS = {
    "ar": "من كان أول رئيس لجمهورية مصر العربية؟",
    "bem": "Bushe ni nani wabalilepo ukuba intungulushi ya Zambia?",
    "bn": "বাংলাদেশের প্রথম প্রধানমন্ত্রী কে ছিলেন?",
    "da": "Hvem var den første kvindelige statsminister i Danmark?",
    "de": "Wie heißt der höchste Berg in Österreich?",
    "el": "Ποια είναι η μεγαλύτερη λίμνη της Ελλάδας;",
    "en": "who was the first woman to win a nobel prize",
    "es": "¿Cuándo se construyó la catedral más antigua de España?",
    "fi": "Mikä on Suomen korkein tunturi ja missä se sijaitsee?",
    "fon": "Mɛ̌ wɛ nyí axɔ́sú nukɔntɔn Danxomɛ tɔn?",
    "fr": "Qui a été élu président de la République française en premier ?",
    "ha": "Wane ɗan wasa ne ya fi cin ƙwallo a Najeriya?",
    "he": "מי היה ראש הממשלה הראשון של מדינת ישראל?",
    "hi": "भारत के पहले प्रधानमंत्री कौन थे?",
    "hu": "Melyik a leghosszabb folyó Magyarországon?",
    "ig": "Kedụ onye bụ onye isi ala mbụ nke Naịjirịa?",
    "it": "Qual è la città più antica d'Italia?",
    "ja": "日本で最初の総理大臣は誰ですか",
    "km": "តើទន្លេមេគង្គមានប្រវែងប៉ុន្មានគីឡូម៉ែត្រ?",
    "ko": "대한민국의 초대 대통령은 누구였나요?",
    "ms": "Siapakah perdana menteri Malaysia yang pertama?",
    "nl": "Wat is de langste rivier van Nederland?",
    "no": "Hva heter den høyeste fossen på Vestlandet?",
    "pl": "Który król założył najstarszą polską uczelnię?",
    "pt": "Quem foi o primeiro imperador da nação brasileira?",
    "ro": "Care este cel mai înalt vârf din Munții Făgăraș?",
    "ru": "Кто был первым космонавтом, вышедшим в открытый космос?",
    "rw": "Ni nde wabaye perezida wa mbere w'u Rwanda?",
    "sv": "Vilken är den största sjön i södra Sverige?",
    "sw": "Nani alikuwa rais wa kwanza wa Tanzania?",
    "te": "భారత దేశపు మొదటి ప్రధాన మంత్రి ఎవరు?",
    "th": "แม่น้ำสายที่ยาวที่สุดในประเทศไทยคือแม่น้ำอะไร",
    "tr": "Türkiye'nin en yüksek dağı hangi şehrin sınırında?",
    "tw": "Hena na ɔyɛ Ghana ɔmanpanyin a odi kan?",
    "vi": "Thành phố nào là thủ đô đầu tiên của Việt Nam?",
    "wo": "Kan moo nekkoon njiitu réew mi njëkk ci Senegaal?",
    "yo": "Ta ni ààrẹ àkọ́kọ́ ti orílẹ̀-èdè Nàìjíríà?",
    "zh": "中国历史上第一位皇帝是谁",
    "zu": "Ngubani owayengumongameli wokuqala waseNingizimu Afrika?",
}  # fmt: skip


def main() -> None:
    """Print the table."""
    print("| language | misspelled query | operator | edit | units changed |\n|---|---|---|---|---|")
    for code, question in QUESTIONS.items():
        query = TypoGenerator(code, typo_seed=7).generate("example", question)[0]
        (edit,) = query.edits
        what = f"{edit.old or '∅'} → {edit.new or '∅'}"
        share = measure_severity(query).share_of_units
        print(f"| {language(code).name} | {query.text} | `{edit.operator}` | {what} | {share:.0%} |")


if __name__ == "__main__":
    main()
