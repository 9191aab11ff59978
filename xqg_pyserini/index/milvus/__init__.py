"""Milvus: the one door to pymilvus, and pushing an index into a collection."""
