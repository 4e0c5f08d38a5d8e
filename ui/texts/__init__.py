"""Every text that a user reads on the pages, a module for each room of `ui`.

Constants and functions return whole sentences, so that another language needs no other logic. What
the service layer says, and the words of A1111 and OpenPose that are values (modes, samplers, names
of joints), come from `core` and `formats`.
"""
