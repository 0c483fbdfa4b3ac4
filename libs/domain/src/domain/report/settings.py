"""The settings of reports."""

from pydantic import BaseModel, ConfigDict, Field


class ReportSettings(BaseModel):
    """Days a finished report is kept, and seconds between two purges."""

    model_config = ConfigDict(frozen=True)

    report_keep_days: float = Field(30, gt=0, le=36500)
    report_purge_every: float = Field(3600, ge=1, le=86400 * 7)
