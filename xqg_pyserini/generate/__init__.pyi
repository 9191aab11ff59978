from .rows import QueryRow as QueryRow
from .store import StoreWriter as StoreWriter
from .store import merge_stores as merge_stores
from .store import read_store as read_store
