"""Load the Telugu development questions of XOR-TyDi and look at them.

Run: python examples/data_xor_tydi.py
The file (427 kB) is fetched once, verified, and kept under ~/.ir_datasets.
"""

from collections import Counter

import ir_datasets

from xqg_pyserini.data import read_topics, register
from xqg_pyserini.languages import language


def main() -> None:
    # the readers of xqg_pyserini do this themselves; ir_datasets alone does not know our data sets
    register()
    dataset = ir_datasets.load("xor-tydi/dev/te")
    telugu = language("te")
    print(f"{telugu.name}: class {telugu.joshi} of Joshi et al. (2020), {telugu.tier} resource")
    print(f"{dataset.queries_count()} questions are published, fields {', '.join(dataset.queries_cls()._fields)}")

    # as ir_datasets gives them ...
    for question in list(dataset.queries_iter())[:3]:
        print(f"  {question.query_id}\t{question.text}\t{' | '.join(question.answers)}")

    # ... and as every command of xqg reads them: the same id serves as --topics
    topics = read_topics("xor-tydi/dev/te")
    number_of_answers = Counter(len(topic.answers) for topic in topics)
    print("questions by number of distinct answers:", dict(sorted(number_of_answers.items())))
    # yes/no questions cannot be scored by looking for the answer in a passage
    span = [topic for topic in topics if set(topic.answers) - {"yes", "no"}]
    print(f"{len(span)} of {len(topics)} have an answer that can be looked for")


if __name__ == "__main__":
    main()
