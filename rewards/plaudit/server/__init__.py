"""The scoring server behind `plaudit serve`: one reward, every trainer's HTTP protocol. Needs the extra `server`."""
