"""The engine's process: the service behind the contract, who may use it, and what it is willing to do."""
