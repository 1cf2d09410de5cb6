"""The pictures that pages draw on the server: modules that work out coordinates, which templates write as SVG."""
