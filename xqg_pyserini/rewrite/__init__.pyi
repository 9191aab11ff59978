from .corrected_queries import CorrectedQueryEncoder as CorrectedQueryEncoder
from .lexicon import Lexicon as Lexicon
from .lexicon import count_words as count_words
from .lexicon import word_frequencies as word_frequencies
from .pyserini_encoder import TypoRobustQueryEncoder as TypoRobustQueryEncoder
from .spelling import SpellingCorrector as SpellingCorrector
