from .app import create_app as create_app
from .search_service import SearchService as SearchService
from .server_settings import ServerSettings as ServerSettings
