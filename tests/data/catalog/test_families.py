"""What is said of data sets, as ir_datasets documents its own."""

from xqg_pyserini.data.catalog.families import About
from xqg_pyserini.data.catalog.registration import catalog


def test_documentation() -> None:
    about = About("A", "What <code>x</code> is.", "MIT", "@article{One2020,\n}\n@inproceedings{Two2021,\n}", "http://a")
    assert about.documentation() == {
        "pretty_name": "A",
        "desc": '<p>What <code>x</code> is.</p><ul><li><a href="http://a">http://a</a></li></ul>',
        "data_access": "<p>Licence: MIT</p>",
        "bibtex_ids": ["One2020", "Two2021"],
    }


def test_every_data_set_says_what_it_is_and_under_which_licence() -> None:
    for part in catalog().values():
        assert part.about.title
        assert part.about.text.endswith((".", ". "))
        assert part.about.licence
        assert part.about.home.startswith("https://")
