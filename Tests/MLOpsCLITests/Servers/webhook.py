"""A receiver of webhooks on loopback, until the standard input ends.

Usage: webhook.py FILE

It prints its port, and appends a line to FILE for each message: its id, the id of its alert, the
event, and the time of its arrival in seconds since 1970.
"""
import http.server
import json
import sys
import threading
import time

file = open(sys.argv[1], "a", buffering=1)
lock = threading.Lock()


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        now = time.time()
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with lock:
            file.write("{} {} {} {:.6f}\n".format(
                self.headers["webhook-id"], message["data"]["alert_id"], message["type"], now))
        self.send_response(204)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def handle_error(self, request, address):
        pass


server = Server(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
