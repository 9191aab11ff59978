from .losses import LOSSES as LOSSES
from .query_encoder import train_query_encoder as train_query_encoder
from .recipe import Recipe as Recipe
from .recipe import Schedule as Schedule
from .recipe import Tuning as Tuning
from .recipe import TypoMix as TypoMix
from .training_queries import read_training_queries as read_training_queries
