"""Stands between the HTTP server and the WSGI application: takes whole requests in, and runs each in a thread.

A slow client holds no thread, half a request reaches no route, and liveness is answered while every thread is busy.
"""
