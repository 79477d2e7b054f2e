"""What /health answers with, as one type: its subcommands answer in different ways."""

from pydantic import RootModel

from tools.health.data import AccountHealth, HealthComparison, PortfolioChanges, PortfolioHealth
from tools.health.history_data import HealthBrief, HealthHandover
from tools.health.log_data import LogData


class HealthData(
    RootModel[
        AccountHealth | PortfolioHealth | HealthComparison | PortfolioChanges | HealthBrief | HealthHandover | LogData
    ]
):
    """Data of /health: of one account, of the portfolio where none is named, or of what a subcommand tells."""
