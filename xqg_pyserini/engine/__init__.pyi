from .ray_engine import RayEngine as RayEngine
from .sharded_job import ShardedJob as ShardedJob
from .sharded_job import ShardPlan as ShardPlan
from .sharded_job import ShardWorker as ShardWorker
from .sharded_run import finished_parts as finished_parts
