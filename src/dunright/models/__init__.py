"""Tables. Importing this package makes Django know them all."""

from dunright.models.accounts import Membership, OneTimeLink, Organisation, Role, SettingsVersion, User
from dunright.models.chasing import ChaseRun, ConsumedStep, Decision, SpentAddress
from dunright.models.connections import Authorisation, CallBudget, Connection, LogIn
from dunright.models.holds import Hold, HoldKind
from dunright.models.ledger import (
    AddressFlag,
    Allocation,
    ContactPerson,
    CreditNote,
    Currency,
    Customer,
    CustomerTotal,
    Invoice,
    Payment,
    PersonLevel,
)
from dunright.models.notices import Notice, NoticeKind, NoticeState
from dunright.models.other_mail import OtherMailRun, ThankYou
from dunright.models.outbox import ComingDecision, MessageState, OutboxLine, OutboxMessage
from dunright.models.proofs import Proof
from dunright.models.schedules import Schedule, ScheduleVersion, Sender, Template, TemplateVersion
from dunright.models.source_writes import (
    HeardCall,
    Hint,
    SourceHook,
    SourceWrite,
    Telling,
    WriteKind,
    WriteState,
)
from dunright.models.sync import SyncMark, SyncRun
from dunright.models.timeline import TimelineEntry, TimelineSeal, ToDo

__all__ = [
    "AddressFlag",
    "Allocation",
    "Authorisation",
    "CallBudget",
    "ChaseRun",
    "ComingDecision",
    "Connection",
    "ConsumedStep",
    "ContactPerson",
    "CreditNote",
    "Currency",
    "Customer",
    "CustomerTotal",
    "Decision",
    "HeardCall",
    "Hint",
    "Hold",
    "HoldKind",
    "Invoice",
    "LogIn",
    "Membership",
    "MessageState",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "OneTimeLink",
    "Organisation",
    "OtherMailRun",
    "OutboxLine",
    "OutboxMessage",
    "Payment",
    "PersonLevel",
    "Proof",
    "Role",
    "Schedule",
    "ScheduleVersion",
    "Sender",
    "SettingsVersion",
    "SourceHook",
    "SourceWrite",
    "SpentAddress",
    "SyncMark",
    "SyncRun",
    "Telling",
    "Template",
    "TemplateVersion",
    "ThankYou",
    "TimelineEntry",
    "TimelineSeal",
    "ToDo",
    "User",
    "WriteKind",
    "WriteState",
]
