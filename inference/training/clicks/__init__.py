"""Training of the click network: its examples, the simulated artist, the learner."""
