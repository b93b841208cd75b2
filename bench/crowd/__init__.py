"""Ten thousand players over UDP on one machine: the server, the crowd, what the kernel alone takes."""
