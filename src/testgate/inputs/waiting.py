"""The inputs about how long a step waits, for what, and what it does at the end of that."""

from typing import Annotated, Literal, get_args

from testgate.inputs.declaring import Options, option
from testgate.inputs.groups import Group
from testgate.inputs.values import Duration, Interval, Limit, Switch, one_of, whole

OnBusy = Literal["wait", "fail"]
OnEnd = Literal["stop", "leave"]


class WaitingOptions(Options):
    """Durations are in seconds. A limit of None means that there is no limit."""

    wait: Annotated[Switch, Group.WAITING] = option(
        default=True,
        description="`false` starts the tests, writes the ids of their runs, and ends green without a verdict.",
        example="false",
    )
    timeout: Annotated[Duration, Group.WAITING] = option(
        default=3600.0,
        description="The maximum duration of the whole step, counted from its start.",
        example="1h30m",
    )
    queue_timeout: Annotated[Limit, Group.WAITING] = option(
        default=None,
        description="How long a run may wait on the platform, from its start to the first sign that it runs: for a"
        " machine or an agent, for example. Then it ends as `timed-out`. By default, only `timeout` limits it.",
        example="15m",
    )
    stall_timeout: Annotated[Limit, Group.WAITING] = option(
        default=None,
        description="How long a run may go on without any change of its status, counters or tests. Then it ends"
        " as `timed-out`. An outage doesn't count. By default, only `timeout` limits it.",
        example="20m",
    )
    poll_interval: Annotated[Interval, Group.WAITING] = option(
        default=None,
        description="How often to check the state of a run. `auto` checks most often when the end is likely, and"
        " at least every minute. A fixed interval must be at least `1s`.",
        example="15s",
    )
    request_timeout: Annotated[Duration, Group.WAITING] = option(
        default=30.0, description="The maximum duration of a single request.", example="30s"
    )
    requests_per_second: Annotated[int, whole(1, 1000), Group.WAITING] = option(
        default=20, description="The maximum number of requests per second, over the whole step.", example="20"
    )
    max_outage: Annotated[Duration, Group.WAITING] = option(
        default=600.0,
        description="How long the platform may be unreachable while runs are being watched. Every good answer resets"
        " the clock; before the first one, the limit is 30 s.",
        example="10m",
    )
    max_parallel: Annotated[int, whole(1, 1000), Group.WAITING] = option(
        default=10, description="The maximum number of runs at the same time.", example="10"
    )
    on_busy: Annotated[OnBusy, one_of(*get_args(OnBusy)), Group.WAITING] = option(
        default="wait",
        description="What to do if the platform says that the plan is already running or that no slot is free: `wait`"
        " (within `timeout`) or `fail`.",
        example="fail",
    )
    on_timeout: Annotated[OnEnd, one_of(*get_args(OnEnd)), Group.WAITING] = option(
        default="stop",
        description="Whether to `stop` or `leave` runs that this step started when `timeout`, `queue-timeout` or"
        " `stall-timeout` expires. Runs that were started elsewhere are stopped only if you set this input.",
        example="leave",
    )
    on_cancel: Annotated[OnEnd, one_of(*get_args(OnEnd)), Group.WAITING] = option(
        default="stop",
        description="Whether to `stop` or `leave` runs that this step started when the job is cancelled. Runs that were"
        " started elsewhere are stopped only if you set this input.",
        example="leave",
    )
