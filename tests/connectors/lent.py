"""What a connector is lent in tests: tokens and a budget that remember what was asked of them."""

from dunright.remote.http import Retry

QUICK = Retry(attempts=3, first_wait=0.01, longest_wait=0.02)


class Tokens:
    """A log-in whose access tokens are `token.1`, `token.2`, …"""

    def __init__(self):
        self.generation = 1
        self.rejected = []

    def current(self):
        return f"token.{self.generation}"

    def refresh(self, rejected):
        self.rejected.append(rejected)
        self.generation += 1
        return self.current()

    def is_borrowed(self, token):
        return False


class Calls:
    """A budget without an end."""

    def __init__(self):
        self.taken = 0
        self.noted = []
        self.refused = []
        self.returned = 0

    def take(self, calls=1):
        self.taken += calls

    def note(self, allowance):
        self.noted.append(allowance)

    def refuse(self, error):
        self.refused.append(error)

    def give_back(self):
        self.returned += 1
