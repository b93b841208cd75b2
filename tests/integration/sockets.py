"""The other end of the socket in a server's folder."""

import socket
import threading


def listening(path, answer):
    """Somebody at the socket who answers one order."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    heard = []

    def serve():
        line, _ = listener.accept()
        with line, listener:
            with line.makefile() as words:
                heard.append(words.readline())
            line.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread, heard
