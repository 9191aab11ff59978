"""Vowel signs that are written for one another (short and long, neighbours in the series) in abugidas."""

#: ISO 15924 -> pairs, both ways.
VOWEL_PAIRS = {
    "Beng": "িী ুূ েি",
    "Deva": "िी ुू ेै ोौ ेि",
    "Telu": "ిీ ుూ ెే ేై ొో ోౌ",
    "Khmr": "ិី ឹឺ ុូ េែ ើឺ ោៅ ៃែ ាោ",
    "Thai": "ิี ึื ุู ัะ เแ ิึ ีื",
}

#: Vowel signs that can be left out.
VOWEL_SIGNS = {
    "Beng": "ািীুূেো",
    "Deva": "ािीुूेो",
    "Telu": "ాిీుూెేొో",
    "Khmr": "ាិីឹឺុូើេែោ",
    "Thai": "ะาิีึืุูั",
}

VIRAMA = {"Beng": "্", "Deva": "्", "Telu": "్", "Khmr": "្"}
