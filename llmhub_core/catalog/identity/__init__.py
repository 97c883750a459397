"""Identity: which served rows are one model, and which rating is whose.

The interface, in order of use::

    tables = load_tables(config_dir)             # aliases, denials, labs, providers
    grouping = group(rows, tables)               # served rows -> underlying models
    result = join(rated_names, grouping, tables) # rated names -> underlying models
    default_rating(joins_of_one_row, placement)  # several ratings -> the one shown
"""
