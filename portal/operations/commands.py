class Stopped(Exception):
    pass
