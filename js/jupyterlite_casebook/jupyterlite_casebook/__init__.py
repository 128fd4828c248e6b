"""The Casebook site as one package: labextension, kernel wheel, Pyodide, and the addon that puts them together."""

__version__ = "0.1.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "casebook"}]
