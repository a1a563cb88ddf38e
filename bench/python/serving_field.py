"""Figures of a server under odd clients: how soon it refuses, what a slow reader costs others, when it notices who went.

    serving_field.py URL MODEL full|free      full: of a server started with --together 2 --queue 3
"""
import concurrent.futures
import http.client
import json
import socket
import sys
import threading
import time
import urllib.parse

url, model, way = sys.argv[1:]
host, port = urllib.parse.urlparse(url).hostname, urllib.parse.urlparse(url).port


def body(tokens, **more):
    return json.dumps({"model": model, "prompt": "A volcano", "max_tokens": tokens, "temperature": 0, **more})


def ask(tokens, **more):
    begin = time.perf_counter()
    connection = http.client.HTTPConnection(host, port)
    connection.request("POST", "/v1/completions", body(tokens, **more), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, (time.perf_counter() - begin) * 1000


def raw(tokens, **more):
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((host, port))
    text = body(tokens, **more)
    client.sendall(f"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                   f"Content-Length: {len(text)}\r\n\r\n{text}".encode())
    return client


def metric(name):
    connection = http.client.HTTPConnection(host, port)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((name + "{", name + " ")))


def until(name, value):
    begin = time.perf_counter()
    while metric(name) != value:
        time.sleep(0.002)
    return (time.perf_counter() - begin) * 1000


def shown(what, times):
    times = sorted(times)
    print(f"{what}: ms p50 {times[len(times) // 2]:.0f} p99 {times[int(len(times) * 0.99)]:.0f} of {len(times)}")


if way == "full":
    others = [raw(1900) for _ in range(5)]
    until("jformers_requests_waiting", 3)
    refused = [ask(5) for _ in range(100)]
    assert all(status == 429 for status, _ in refused), refused
    shown("refused while the queue is full", [spent for _, spent in refused])
    begin = time.perf_counter()
    for client in others:
        client.close()
    print(f"all five that went were noticed: ms {until('jformers_requests_working', 0):.0f}")
else:
    for _ in range(30):
        ask(5)
    shown("idle", [ask(5)[1] for _ in range(200)])
    for reads in (True, False):
        long = raw(1900, stream=True, n=8, logprobs=20)
        long.recv(1)
        if reads:
            threading.Thread(target=lambda: [0 for _ in iter(lambda: long.recv(65536), b"")], daemon=True).start()
        time.sleep(2)
        shown(f"beside a client of eight long answers that {'reads' if reads else 'does not read'} them",
              [ask(5)[1] for _ in range(100)])
        long.shutdown(socket.SHUT_RDWR)
        until("jformers_requests_working", 0)
    for clients, each, more in ((100, 1, {"stream": True}), (100, 2, {})):
        begin = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            answers = list(pool.map(lambda _: [ask(10, **more)[0] for _ in range(each)], range(clients)))
        assert answers == [[200] * each] * clients
        print(f"{clients} clients, {clients * each} answers of 10 tokens{', streams' if more else ''}: "
              f"s {time.perf_counter() - begin:.1f}, none failed")
