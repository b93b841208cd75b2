"""What is installed: our packages, their data, the C module, the twistd plugins and one command."""

from setuptools import find_namespace_packages, find_packages, setup

TEST = [
    "hypothesis>=6.100",
    "pytest>=8",
    "pytest-xdist>=3.5",
    "wow-login-messages==0.1.0",  # independent codecs: the clients of tests/conformance
    "wow-srp>=0.5",
    "wow-world-messages==0.1.0",
]
DEVELOP = ["build>=1.2", "mypy>=1.11", "mypy-zope>=1.0.7", "ruff>=0.6", "towncrier>=24.7", "tox>=4.18"]

setup(
    name="bluemarble",
    version="0.1.0",
    description="A server for massively multiplayer worlds",
    license="Apache-2.0",
    # Keeps `pip install -e .` a plain .pth, so that twistd, which looks along sys.path, finds our plugins.
    package_dir={"": "."},
    packages=[
        *find_packages(include=["bluemarble", "bluemarble.*", "opcodes", "opcodes.*"]),
        *find_namespace_packages(include=["sql", "sql.*"]),
        "twisted.plugins",
    ],
    package_data={
        "": ["*.sql"],
        "bluemarble": ["py.typed", "native/_core.pyi", "tools/*.lua"],
        "opcodes": ["py.typed", "versions/*.csv", "fields/*.csv", "vectors/*", "vectors/datagram/*"],
        "twisted": ["plugins/bluemarble_plugin.py"],
    },
    cffi_modules=["cffi_build/build_native.py:ffibuilder"],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
    install_requires=[
        "cffi>=1.16",
        "click>=8.1",
        "construct>=2.10.70",
        "cryptography>=43",
        "prometheus-client>=0.20",
        "pydantic-settings>=2.4",
        "rich>=13",
        "SQLAlchemy>=2.0.30",
        "Twisted>=24.3",
        "zstandard>=0.22",
    ],
    extras_require={
        "mysql": ["mysqlclient>=2.2"],
        "test": TEST,
        "develop": TEST + DEVELOP,
        "bench": ["matplotlib>=3.8"],
        "docs": ["sphinx>=7", "furo", "myst-parser"],
    },
    entry_points={"console_scripts": ["bluemarble = bluemarble.tools.console:main"]},
    python_requires=">=3.11",
)
