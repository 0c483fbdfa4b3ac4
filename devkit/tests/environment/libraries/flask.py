"""The variables of Flask, Werkzeug and click, and of the HTTP server."""

NEUTRALISED = {
    # It is split, for a test finds by this name what starts the server.
    "GRANIAN_" + "PORT": ("1", "an option of granian's command line"),
    "GRANIAN_" + "WORKERS": ("none", "an option of granian's command line"),
    "_GRANIAN_COMPLETE": ("bash_source", "prints completions in the place of serving"),
    "FLASK_DEBUG": ("1", "debug mode: errors are raised instead of answered"),
    "FLASK_RUN_FROM_CLI": ("true", "`app.run` does nothing"),
    "FLASK_SKIP_DOTENV": ("1", "the flask command's settings files"),
    "WERKZEUG_DEBUG_PIN": ("off", "the debugger without its number"),
    "WERKZEUG_RUN_MAIN": ("true", "the development server's child"),
    "WERKZEUG_SERVER_FD": ("99", "the development server's socket"),
    "CLICK_PLUGINS_HONESTLY": ("1", "the text of an error"),
}

NOT_REACHED = {
    *("PYTHONSTARTUP", "YOURAPPLICATION_SETTINGS"),  # the flask command's shell, an example
}

OPTIONS: tuple[str, ...] = ()
