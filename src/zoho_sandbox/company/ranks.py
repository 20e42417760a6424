"""Numbers in the order of time, for documents that are made customer by customer."""

from array import array
from dataclasses import dataclass, field


@dataclass(slots=True)
class Ranks:
    """Where each document of each customer stands in the order of time, over the whole company."""

    packed: "array[int]" = field(default_factory=lambda: array("Q"))
    offsets: "array[int]" = field(default_factory=lambda: array("L", [0]))
    order: "array[int]" = field(default_factory=lambda: array("L"))

    def add(self, customer: int, moments: list[int]) -> None:
        """Note a customer's documents; customers come in their order."""
        self.packed.extend(at << 24 | customer for at in moments)
        self.offsets.append(self.offsets[-1] + len(moments))

    def settle(self) -> int:
        """Work out the ranks; returns how many documents there are."""
        seen = array("L", self.offsets[:-1])
        self.order = array("L", bytes(array("L").itemsize * len(self.packed)))
        for rank, packed in enumerate(sorted(self.packed)):
            customer = packed & 0xFFFFFF
            self.order[seen[customer]] = rank
            seen[customer] += 1
        self.packed = array("Q")
        return len(self.order)

    def rank(self, customer: int, place: int) -> int:
        """The rank of a customer's document, counted from 0."""
        return self.order[self.offsets[customer] + place]
