"""What the REST API takes and gives: one model for each JSON body."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

#: Limits of one request; ``GET /api/about`` names them.
MAX_HITS, MAX_QUERY_CHARS, MAX_BATCH, MAX_SYSTEMS, MAX_TYPOS = 1000, 1000, 64, 4, 5
#: Queries times hits of one request: an answer holds the texts of as many passages.
MAX_PASSAGES = 5000

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=20)]
QueryText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_QUERY_CHARS, pattern=r"\S")]
Hits = Annotated[int, Field(ge=1, le=MAX_HITS)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchRequest(_Request):
    """One query or several, searched in one index, or in several that are fused.

    Attributes:
        query: one query; either this or ``queries``.
        queries: several queries.
        index: name of a served index.
        hits: passages for each query.
        encoder: name of a served query encoder; that of the index where it is left out.
        correct: average each query with its spelling-corrected version; needs ``language``.
        explain: give the parts of each score, where the index keeps components.
        language: language of the queries.
        fuse: other indexes whose results are merged by reciprocal rank fusion.
    """

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"query": "Mikä on aurinkokunnan suurin kuu?", "index": "xqg", "hits": 5}]},
    )

    query: QueryText | None = None
    queries: Annotated[list[QueryText], Field(min_length=1, max_length=MAX_BATCH)] | None = None
    index: Name
    hits: Hits = 10
    encoder: Name | None = None
    correct: bool = False
    explain: bool = False
    language: Code | None = None
    fuse: Annotated[list[Name], Field(max_length=MAX_SYSTEMS)] = []

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.query is None) == (self.queries is None):
            raise ValueError("give either query or queries")
        if len(self.texts) * self.hits > MAX_PASSAGES:
            raise ValueError(f"queries times hits may be at most {MAX_PASSAGES}")
        return self

    @property
    def texts(self) -> list[str]:
        """The queries."""
        return self.queries if self.queries is not None else [self.query or ""]


class System(_Request):
    """An index and a query encoder, under a name; see ``SearchRequest``."""

    name: Name
    index: Name
    encoder: Name | None = None
    correct: bool = False


class CompareRequest(_Request):
    """One query, searched by several systems."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "query": "Where does the Kemijoki flow?",
                    "systems": [{"name": "base", "index": "base"}, {"name": "xQG", "index": "xqg"}],
                    "hits": 5,
                }
            ]
        },
    )

    query: QueryText
    systems: Annotated[list[System], Field(min_length=1, max_length=MAX_SYSTEMS)]
    hits: Hits = 10
    explain: bool = True
    language: Code | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len({system.name for system in self.systems}) < len(self.systems):
            raise ValueError("two systems have the same name")
        return self


class MisspellRequest(_Request):
    """A text and how it is misspelled."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"text": "Missä Kemijoki virtaa?", "language": "fi", "typos": 2}]},
    )

    text: QueryText
    language: Code
    typos: Annotated[int, Field(ge=1, le=MAX_TYPOS)] = 1
    preset: Name = "natural"
    seed: Annotated[int, Field(ge=-(2**53), le=2**53)] = 0


class ExplainRequest(_Request):
    """A query and a passage whose score is split into parts."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"query": "largest moon", "index": "xqg", "docid": "moons-4"}]},
    )

    query: QueryText
    index: Name
    docid: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    encoder: Name | None = None


class Window(BaseModel):
    """The part of a text that is shown for a query.

    ``start`` and ``end`` count code points of the text with each run of white space as one blank.
    """

    text: str
    start: int
    end: int


class Part(BaseModel):
    """What the passage itself (``language`` is null) or one language's generated queries have in a score."""

    language: str | None
    name: str
    share: float = Field(description="in units of the score; the shares add up to it")


class FoundHit(BaseModel):
    """One passage; title and text are null where the index holds no texts, parts where it keeps no components."""

    docid: str
    rank: int
    score: float
    title: str | None
    text: str | None
    window: Window | None = Field(description="null where the whole text is short enough to be shown, or not known")
    parts: list[Part] | None


class QueryResult(BaseModel):
    """The hits of one query; ``corrected`` is null where the spelling was not corrected."""

    query: str
    corrected: str | None
    hits: list[FoundHit]


class SearchResponse(BaseModel):
    """A result for each query, in their order."""

    index: str
    encoder: str
    took_ms: float
    results: list[QueryResult]


class SystemResult(QueryResult):
    """What one system found."""

    name: str
    index: str
    encoder: str


class Move(BaseModel):
    """The rank of a passage in each system; null where it is not among the hits."""

    docid: str
    ranks: dict[str, int | None]


class CompareResponse(BaseModel):
    """The results of all systems, and the ranks of the passages that any of them found."""

    took_ms: float
    systems: list[SystemResult]
    moves: list[Move]


class TypoEdit(BaseModel):
    """One edit; ``start`` and ``end`` are code points in the misspelled text, equal where something is missing."""

    start: int
    end: int
    operator: str
    before: str
    after: str


class MisspellResponse(BaseModel):
    """The misspelled text and its edits; without edits where the text has no place for one."""

    text: str
    edits: list[TypoEdit]


class ExplainResponse(BaseModel):
    """A score and its parts, which add up to it."""

    index: str
    docid: str
    score: float
    parts: list[Part]


class DocumentResponse(BaseModel):
    """One passage."""

    docid: str
    title: str
    text: str


class LanguageName(BaseModel):
    """A language."""

    code: str
    name: str


class AboutIndex(BaseModel):
    """One served index; ``encoder`` is the name of its own query encoder, ``encoders`` of all that fit it."""

    name: str
    passages: int
    dim: int
    encoder: str
    encoders: list[str]
    texts: bool
    components: bool
    languages: list[LanguageName] = Field(description="languages of the generated queries in the vectors")


class Limits(BaseModel):
    """The largest numbers that a request may have."""

    hits: int = MAX_HITS
    query_chars: int = MAX_QUERY_CHARS
    batch: int = MAX_BATCH


class Example(BaseModel):
    """A query to try; ``dir`` is the direction of its script."""

    language: str
    name: str
    query: str
    dir: Literal["ltr", "rtl"]


class About(BaseModel):
    """What this server serves."""

    version: str
    indexes: list[AboutIndex]
    encoders: list[str]
    typo_presets: list[str]
    typo_languages: list[LanguageName]
    limits: Limits
    examples: list[Example]


class Health(BaseModel):
    """Whether the server answers."""

    status: Literal["ok"]
    version: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
