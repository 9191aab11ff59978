from .mine import MiningReport as MiningReport
from .mine import MiningSource as MiningSource
from .mine import mine_rows as mine_rows
from .rules import MiningRules as MiningRules
from .title_links import expand_answers as expand_answers
from .title_links import read_title_links as read_title_links
