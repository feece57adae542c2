"""The screen keyer: what a picture has of its green or blue screen is out, everything else is in."""
