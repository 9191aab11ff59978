"""The one door to Pyserini: Java, the JVM, stock commands, and what Pyserini knows by name.

Nothing of Pyserini is imported before ``start`` has been called.
"""

from xqg_pyserini.host.java import MINIMUM_JAVA, Java, find_java
from xqg_pyserini.host.jvm import anserini_jar, start

__all__ = ["MINIMUM_JAVA", "Java", "anserini_jar", "find_java", "start"]
