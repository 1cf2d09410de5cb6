"""Maps of missions, drawn on the server as SVG (pages.md, section C), and their places as GeoJSON."""
