"""Learning from a whole show's corrections: where Teach may begin, instead of beginning as it came.

Every layer of the store is a task. Learning teaches one after another for some seconds, by `fine_tune` as it is, and
moves the beginning a part of the way to where each teaching ended (the idea is Reptile's, Nichol et al. 2018): what is
left is a place from which all of them are near. torch is imported by `start`, `learn` and `measure` only.
"""
