"""The engine: contract, client, server, jobs, blobs, models, training. No Qt.

torch is imported only below the server (`models`, `training`, `server`); the client and the contract never do.
"""
