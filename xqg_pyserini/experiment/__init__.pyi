from .experiment import Experiment as Experiment
from .experiment import Progress as Progress
from .plan import Plan as Plan
from .plan_reader import read_plan as read_plan
from .quickstart import run_quickstart as run_quickstart
