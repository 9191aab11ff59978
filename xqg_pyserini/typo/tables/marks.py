"""Diacritics: which letters a language has with them, what is left when they are not typed."""

#: Letters whose mark Unicode does not take off: what is typed instead.
WITHOUT_MARK = {
    "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ɓ": "b", "ɗ": "d", "ɖ": "d", "ƙ": "k", "ƴ": "y", "ɛ": "e",
    "ɔ": "o", "ŋ": "n", "ı": "i", "ħ": "h", "ß": "s",
    "Ł": "L", "Ø": "O", "Æ": "AE", "Œ": "OE", "Đ": "D", "Ɓ": "B", "Ɗ": "D", "Ɖ": "D", "Ƙ": "K", "Ƴ": "Y", "Ɛ": "E",
    "Ɔ": "O", "Ŋ": "N", "İ": "I",
}  # fmt: skip

#: Letters of each alphabet that carry marks; one is written for another of the same base letter.
MARKED = {
    "de": "äöü", "da": "åæøé", "es": "áéíóúüñ", "fi": "äöå", "fon": "àáèéìíòóùúɖɛɔ",
    "fr": "àâçéèêëîïôùûü", "ha": "ɓɗƙƴ", "hu": "áéíóöőúüű", "ig": "ịọụṅ", "it": "àèéìòù", "nl": "ëïéö",
    "no": "åæøé", "pl": "ąćęłńóśźż", "pt": "áâãàçéêíóôõú", "ro": "ăâîșț", "ru": "ё", "sv": "åäö", "tr": "çğıöşü",
    "tw": "ɛɔ", "wo": "àéëóñŋ", "yo": "àáèéẹìíòóọùúṣ",
}  # fmt: skip

#: Marks that are keys of their own and are often not typed: tone marks, killers, shifters, vowel points.
SEPARATE = {
    "Thai": "่้๊๋็์", "Khmr": "់៉៊័៍៌", "Arab": "ًٌٍَُِّْ", "Hebr": "ְִֵֶַָֹּ", "Beng": "ঁ়", "Deva": "ँ़", "Telu": "ఁ",
}  # fmt: skip

#: Tone marks of Vietnamese and of the West African languages; what remains are the marks of quality.
TONES = frozenset("\u0300\u0301\u0303\u0309\u0323\u0304\u0302\u030c")
VIETNAMESE_TONES = "\u0300\u0301\u0303\u0309\u0323"
AFRICAN_TONES = "\u0300\u0301\u0304"
