"""What is said of data sets, as ir_datasets documents its own."""

from pathlib import Path

from xqg_pyserini.data.catalog.families import About, read_description
from xqg_pyserini.data.catalog.registration import catalog
from xqg_pyserini.data.catalog.remote_file import RemoteFile


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


def test_a_description_is_a_toml_file_beside_the_module(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("""
site = "https://a.org/data/"
folder = "mine"
licence = "MIT"
home = "https://a.org"
citation = "@article{One2020}"

[about.first]
title = "First"
text = '''
Two
lines.
'''

[about.second]
title = "Second"
text = "One."
licence = "CC0"

[files.queries]
path = "v1/queries.tsv"
size = 7
sha256 = "00"

[files.docs]
path = "https://b.org/docs.tsv"
""")
    abouts, files = read_description(str(tmp_path / "mine.py"))
    assert abouts["first"] == About("First", "Two lines.", "MIT", "@article{One2020}", "https://a.org")
    assert abouts["second"].licence == "CC0"
    assert files == {
        "queries": RemoteFile("https://a.org/data/v1/queries.tsv", "mine/queries.tsv", "MIT", "00", 7),
        "docs": RemoteFile("https://b.org/docs.tsv", "mine/docs.tsv", "MIT"),
    }


def test_every_description_of_the_package_is_that_of_a_module() -> None:
    from xqg_pyserini.data import sets

    folder = Path(sets.__file__).parent
    descriptions = {path.stem for path in folder.glob("*.toml")}
    assert descriptions
    assert descriptions <= {path.stem for path in folder.glob("[!_]*.py")}
